"""From a built site to what is wrong with it: `check`, and one file a claim.

    output/2023/03/08/slug.html  slug.txt  content/2023/03/08/slug.md  content/addresses.csv  dist/harbour.zip
      ─ check ─►    pages whose text is that of their seed: 1,234
                    faults: 1
                    2023/03/08/slug.html: its text is not that of its seed: “They may meet” stands on the page, …

A claim takes the `Site`, a file of it and the `Findings` of a batch of files, and adds to these how often it held and
each fault with its remedy; what spans files is claimed of the whole `Report`. Claims trust nothing that built the site:
pages are read by `page.py`, and texts are found in the raw records by `converters/intake/visible.py`.
"""
