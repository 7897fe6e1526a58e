"""What takes a built site along, or to where others read it.

    output/, seeds/, content/
      bag       → dist/press.zip: a BagIt bag with a start page, a checksum for every file
      restore   ← dist/press.zip: the archive again, with seeds/, content/ and output/
      zim       → dist/press.zim: for Kiwix, with an index
      tables    → dist/press.jsonl, .csv, .sqlite, .parquet: a row a document
      freeze    → content/editions/autumn-2026.txt, dist/press-autumn-2026.zip, the tag edition/autumn-2026
      skos      → dist/press.ttl, .jsonld: the subjects, with the addresses of their pages
      deploy    → the branch gh-pages, if it differs from what stands there

`edition.py` says what they have in common: the archive's name, its newest day, what is withdrawn. The same archive
gives the same bytes: no clock, no random number and no name of a machine gets in.
"""
