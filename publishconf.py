"""Settings for a site on the web: its address, which feed, sitemap, robots.txt and canonical links need.

Every build reads this file after `pelicanconf.py`. While SITEURL is empty, the site has none of the four and works all
the same, wherever it is put.
"""

from pelicanconf import *  # noqa: F403  # Pelican's custom: the same settings, and some more

SITEURL = ""  # such as "https://example.org/archive"
CNAME = ""  # such as "archive.example.org": a domain of your own, which `./seedbank deploy` tells GitHub Pages of
