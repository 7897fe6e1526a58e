"""The index of the site's search: what the page for searching loads, written so that a change costs what changed.

    Document(3071, "2023/03/08/court-opens-inquiry.html", …)
      ─ words ─►   search/w/court.js     the words from "court" on, and the documents that hold them
                   search/p/court.js     where in these documents they stand
      ─ texts ─►   search/d/2/3071.js    title and text, for a row of the results and its excerpt
      ─ facets ─►  search/f/0.js         dates, sources and languages of 4,096 documents
                   search/t/2.js         the tags of 1,024 documents
                   search/index.js       where the files of words begin

All files are classic scripts: a page opened from a disk may load these and nothing else. docs/search-format.md says
what stands in each. Nothing here knows of Pelican or of how a site is built.
"""
