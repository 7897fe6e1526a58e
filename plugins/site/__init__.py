"""Pelican plugins: what pages the site has, and what stands on them. They work with Pelican alone, too.

    reader.py        content/2023/03/08/slug.md                     ─►  Article(title="Harbour opens", tags=[…], …)
    documents.py     an Article                                     ─►  Record("2023/03/08/slug.html", words=812, …)
    surroundings.py  all records                                    ─►  related documents, neighbours, twins of each
    catalogue.py     all records                                    ─►  the documents of a tag, a source, a year
    listings.py      the documents of a tag                         ─►  Listing("tags/norway/2023.html", (2023,), 61, …)
    chronology.py    the documents of a year                        ─►  its calendars, months and days
    charts.py        {1987: 450, 1989: 29}                          ─►  columns, lines, decades
    browse.py        a catalogue                                    ─►  PageJob("tags/norway/2023.html", "tag", {…}, …)
    originals.py     the seed at 0+1944                             ─►  2023/03/08/slug.txt beside its page
    redirects.py     content/addresses.csv                          ─►  pages at addresses that were renamed
    syndication.py   SITEURL, a catalogue                           ─►  feeds/all.atom.xml, sitemap.xml, robots.txt
    looks.py         SITELOGO, COLOURS, STYLESHEET                  ─►  theme/logo.svg, theme/own.css

`metadata.py`, `citations.py`, `filters.py` and `dates.py` are what templates write with; `fixity.py` seals each page.
"""
