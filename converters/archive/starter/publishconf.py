"""Where this archive is published. While SITEURL is empty, the site works all the same, wherever it is put; with it,
the site also has feeds, a sitemap, robots.txt and canonical links, which need an address."""

SITEURL = ""  # such as "https://example.org/archive"
CNAME = ""  # for GitHub Pages, a domain of your own: "archive.example.org"
