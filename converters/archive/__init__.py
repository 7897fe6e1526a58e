"""What all stages stand on: the places of an archive, and how work in it is done safely and by several.

    layout      Archive(Path("/home/ada/press")).ledger → /home/ada/press/content/addresses.csv
    lock        one command at a time: .cache/lock names it
    atomic      content/.addresses.csv.partial → content/addresses.csv
    stamps      "1944 1678233600000000000 …": whether a file is as it was; which files lie below a folder
    processes   batches → forks → results in order; `cluster` the same over a network
    remote      s3://bucket/captures → seeds/, output/ → s3://bucket/site
    options     "--jobs 4" → 4;  `new` begins an archive from the files in `starter`

It knows nothing of captures, documents or pages.
"""
