"""From seeds to content: what was received becomes Markdown that a person can read and git can compare.

    seeds/2023/court.txt                         " date 2023-03-08 https://example.org/court …"
      intake    → its bytes, unpacked            b" date 2023-03-08 …"
      readers   → Capture(title="Court opens inquiry", body=(Paragraph(…), …), provenance=…)
      ledger    → 2023/03/08/court-opens-inquiry.html, for good
      text      → paragraphs restored, language told
      subjects  → International Criminal Court, Ukraine
      tags      → chosen again later, where a curator asks for it
    content/2023/03/08/court-opens-inquiry.md    "Title: Court opens inquiry\\nDate: 2023-03-08 …"

`pipeline.py` tells the story, `extraction.py` reads in all processes what takes long, `model.py` has the one type that
flows through it, `explain.py` tells a person what became of a seed and why, `rejections.py` every reason for which a
record cannot be read, and `archive` the places and the ways of writing that all stages share.
"""
