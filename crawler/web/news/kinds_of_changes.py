"""Which changes are of a class: as the archive noted it, and by the facts in the texts of replaced files."""

# The facts of files that belong to a class. Other numbers of a file's text are compared only where they are shown.
_FACTS = {"number": ("sum", "document"), "date": ("date",)}
# In this order of tables: by file, not by value, which many files share.
# Whether version `one` has a fact in its files that the files of version `other`, all of them read, do not have.
_LOST = """exists (select 1 from revision_attachments x
      cross join attachment_facts f on f.attachment_sha256 = x.attachment_sha256
      where x.article_id = {row}.article_id and x.number = {one} and f.kind in (:fact, :other_fact)
        and not exists (select 1 from revision_attachments y cross join attachment_facts g
          on g.attachment_sha256 = y.attachment_sha256 and g.kind = f.kind and g.value = f.value and g.per is f.per
          where y.article_id = {row}.article_id and y.number = {other}))
    and not exists (select 1 from revision_attachments z left join attachment_texts t
      on t.attachment_sha256 = z.attachment_sha256
      where z.article_id = {row}.article_id and z.number = {other} and t.text is null)"""
_FILES = "(select count(*) from revision_attachments z where z.article_id = {row}.article_id and z.number = {number})"


def write_kind(row: str) -> str:
    """Write the condition that a row of `revisions` is of the class of `bind_kind`.

    A fact that the files had and no longer have is a change; one that they have now only if as many files are named:
    a file that was added changed no number.
    """
    before, now = f"{row}.number - 1", f"{row}.number"
    lost, gained = (_LOST.format(row=row, one=one, other=other) for one, other in ((before, now), (now, before)))
    as_many = f"{_FILES.format(row=row, number=before)} = {_FILES.format(row=row, number=now)}"
    by_files = f"""instr({row}.classes, '"attachments"') and (({lost}) or ({as_many} and {gained}))"""
    return f"(:kind is null or instr({row}.classes, :kind) or :fact is not null and {by_files})"


def bind_kind(kind: str | None) -> dict[str, str | None]:
    """Return the parameters of `write_kind`: a class of `change_kinds.CLASSES`; None for all changes."""
    first, *others = _FACTS.get(kind or "", (None,))
    return {"kind": f'"{kind}"' if kind else None, "fact": first, "other_fact": others[0] if others else None}
