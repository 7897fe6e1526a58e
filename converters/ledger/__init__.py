"""What an archive has published, and what becomes of it.

    ledger      content/addresses.csv: "2023/03/08/court-opens-inquiry.html,document,5f0c6b1e…"
    addresses   Capture(title="Court opens inquiry", published=2023-03-08, …) → 2023/03/08/court-opens-inquiry.html
    register    .cache/register.sqlite: seeds/2023.txt at 0+1944 → that address; only ever saves reading
    extractions .cache/extractions.sqlite: what was read of records that take long to read
    curation    withdraw → "…,tombstone,5f0c6b1e…"; rename → "…,redirect,2023/03/08/inquiry-opens.html"
    tombstones  "Withdrawn: 2024-01-02", "Reason: …": the content file of what is withdrawn
    sources     content/sources.toml: ["example.org"] note = "The paper of the harbour"

A document is known by its record: its own id or the SHA-256 of its bytes, with the address it was captured from.
"""
