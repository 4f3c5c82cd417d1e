"""A notebook's cells: run them one by one in an editor that knows `# %%`, or paste them.

The sync client needs no event loop, so it works where one is running already, as in every notebook.
"""

# %%
from invite_sdk import InviteClient

client = InviteClient.from_env("waldur")

# %% The last line of a cell is shown: a list of invitations as a table, one as its fields, keys and links masked.
invitations = client.list().all()
invitations  # noqa: B018 - shown

# %%
client.list().first()

# %% As a DataFrame, with `pip install '.[pandas]'` in a checkout
frame = invitations.to_pandas()
frame.groupby(["organization_name", "status"], observed=True).size()

# %%
client.close()
