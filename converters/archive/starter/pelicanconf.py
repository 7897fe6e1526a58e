"""Settings of this archive. What is not set here is as in Seedbank's own pelicanconf.py; docs/settings.md explains all.

This file is a program, and runs whenever the archive is built.
"""

SITENAME = "An archive"
SITESUBTITLE = "Captured documents"
RIGHTS = ""  # stands at the foot of every page: who holds the rights in the documents, and what readers may do
DEFAULT_LANG = "en"  # of the site's own words, and of documents too short to tell theirs
