"""The command `invite`: every operation, the hub and the roster, for people and for cron.

It lies over everything else and takes public names only. `main` is what is installed; `app` has the table of commands,
each of which is loaded when it is asked for; `running` is what they have in common. What takes its time to load, such
as a client, is imported where it is used, so that `--help` is quick.
"""
