"""The index of the site's search: what the page for searching loads, written so that a change costs what changed.

    Document(3071, "2023/03/08/court-opens-inquiry.html", …)
      ─ words ─►   search/v/court-en.js  the words from "court" on, and the leaves that hold their lists
                   search/w/court-en.js  the documents that hold them
                   search/p/court-en.js  where in these documents they stand
      ─ texts ─►   search/d/2/3071.js    title and text, for a row of the results and its excerpt
      ─ facets ─►  search/f/0.js         years, sources and languages of 4,096 documents
                   search/s/0.js         the days of these, search/g/0.js their frequent tags
                   search/t/2.js         all tags of 1,024 documents
                   search/index.js       where the pages of words begin

words.py counts the words of documents, tree.py shares their lists out to files, files.py and packing.py say what stands
in each; index.py brings all up to date, anew.py and exchange.py the lists of words, wholly or in part. All files are
classic scripts: a page opened from a disk may load these and nothing else. docs/search-format.md describes them.
Nothing here knows of Pelican or of how a site is built.
"""
