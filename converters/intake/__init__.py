"""From the folder of seeds to the bytes and characters that readers read.

    seeds        seeds/2023/court.txt.gz → SeedFile(…) → a stream of b" date 2023-03-08 …", unpacked within bounds
    containers   seeds/box.tar.gz → seeds/box.tar.gz!/2023/court.txt: the members of a tar or zip, each a seed
    sidecar      seeds/court.txt.seed.toml → Known(date="2023-03-08"): what a curator knows of the seed beside
    databases    seeds/articles.sqlite → its rows as lines of JSON
    rows         b"url,title\\nhttps://…" → each row of a table as the bytes that it is in its file
    dates        "Wed, 08 Mar 2023 09:00:00 GMT" → a day, or a moment
    kinds        b"%PDF-1.7" → "a PDF document": what is not read is called what it is
    encoding     b"caf\\xe9" → "café", windows-1252, and how many characters had to be replaced
    http         b"HTTP/1.1 200 OK …" → status, kind and body of an answer that a web archive holds
    hosts        "EXAMPLE.org." → "example.org": one form of a host everywhere
    visible      b"<nav>Home</nav><p>The court …" → what a person sees of it, by which check judges the readers

Seeds are only ever read, and nothing in one leads outside the archive.
"""
