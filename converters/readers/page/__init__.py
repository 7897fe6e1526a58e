"""From the HTML of one page to the document in it, for every format that holds pages.

"<html>…<nav>Home</nav><h1>Court opens inquiry</h1><p>The court said …</p><aside>Most read …</aside>"
  dom       → the tree of what is shown
  metadata  → title, authors, days, address, each with the place that says so
  leaves    → "Home", "Court opens inquiry", "The court said …", "Most read …"
  regions   → navigation, title, text, related
  blocks    → (Paragraph("The court said …"),)
  page      → Page(metadata, body, left_out={"navigation": 1, "related": 2})
  capture   → Capture(url="https://example.org/court", …), with its place in its seed
"""
