"""From a capture's blocks to its content file, and back.

    paragraphs   "… for war crimes.The Defense Department …" → two paragraphs, the second one inferred
    language     "Суд признал …" → ru, from left to right
    markdown     (Paragraph(Text("She wrote *two* words")), …) → "She wrote \\*two\\* words\\n"
    blocks       the HTML of that Markdown → the same blocks
    frontmatter  "Title: Court opens inquiry\\nDate: 2023-03-08 …", sealed, so that a curator's edit is told
    analysis     "The Müllers' e-mail" → the, mullers, e, email, mail: the words by which it is found
    folding      the table by which words are compared, the same for every interpreter and browser

It knows the model of a capture, and nothing of seeds, addresses or pages.
"""
