"""From content to everything that is made of it.

    content/2023/03/08/court-opens-inquiry.md
      site      → what Pelican shows of it: Article(title=…, tags=[…]), lists, feeds, citations
      engine    → output/2023/03/08/court-opens-inquiry.html, and only what has changed since the last build
      checks    → "pages whose text is that of their seed: 1,234", "faults: 0"
      outputs   → dist/press.zip, dist/press.zim, dist/press.csv; the branch that GitHub Pages shows

Arrows go down only: outputs and checks use the engine, the engine uses the site's plugins, these use `converters`.
"""
