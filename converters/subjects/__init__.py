"""What a document is about.

    a content file ─► evidence: names, nouns and pairs, concepts, and how often each word stands
            │   "Ada Bell" 3 times, in the lead; "interest rate" 4 times; concept "interest rates"
            ▼
          tally ─► statistics of the archive: what "Bell" stands for, whether "rate" is a noun, how "Lib Dem" is spelt
            ▼
          choose ─► Subject("Ada Bell", "person"), Subject("interest rates", "topic")

What is known beforehand lies in places.toml, thesaurus.toml, words.toml and the archive's own content/tags.toml.
"""
