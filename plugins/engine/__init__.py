"""Content becomes a site, in several processes and only what has changed: `build` tells the story.

    settings.py      DIR/pelicanconf.py over the project's          ─►  {"SITENAME": "Harbour", "TIMEZONE": "UTC", …}
    run.py           what one run of Pelican is for                 ─►  BuildRun(archive, settings, inputs, jobs=4, …)
    generator.py     Pelican hands over ─ documents, then lists     ─►  State(records={"2023/03/08/slug.md": …}, …)
    changes.py       state before and now: which jobs are dirty?    ─►  17, 203; ("tags/norway.html", (2023, 3)), …
    render.py        a context and a batch of keys ─ Jinja          ─►  .cache/site/2023/03/08/slug.html
    publish.py       .cache/site and the live site                  ─►  output/, at one stroke

`worker.py` makes the same context on a machine of a cluster, `preview.py` from what the last build left; `serve.py`
shows the site while it is worked on. What pages there are, and what stands on them, is said in plugins/site.
"""
