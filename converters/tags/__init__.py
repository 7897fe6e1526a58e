"""What becomes of the tags of documents that are published: looked at, chosen again, edited in a spreadsheet.

    content/2023/03/08/slug.md ─ documents ─► Tagged("…/slug.md", tags {"Norway": "place"}, is_sealed)
        retag    what the archive would choose now ─► Change("…/slug.md", before, after) ─► the file, sealed again
        table    address,date,title,tags,was  ◄─►  a spreadsheet; what comes back is the curator's own edit
        taking_over   SKOS or CSV of others ─► lines of content/tags.toml
        report   tags that may be one, tags on one document, tags on too many, words that are no tag

A document keeps the tags that it was published with until one of these commands is given, and a file that was edited by
hand keeps its own then, too.
"""
