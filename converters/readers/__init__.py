"""From the content of a seed file to captures: one file a format, and `table.py`, which names them all.

    seeds/2023.txt (a stream, decompressed)        " date 2023-03-08 https://example.org/court\\n\\nCourt opens …"
      → Capture(url="https://example.org/court", published=(2023, 3, 8), title="Court opens inquiry", body=(…),
                provenance=Provenance("seeds/2023.txt", 0, 1944, "cf07…", "seed-text 1", "utf-8"))
      → Rejection("seeds/2023.txt", 912, "no title: nothing follows the header", "…")

A reader never raises for bad input, holds one record in memory, and says of itself what others must know: how its files
are recognised, whether it leaves things out, whether its format lost breaks. Readers import `intake`, `model` and
`rejections` alone; what happens to a capture after them is the same for every format.
"""
