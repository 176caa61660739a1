"""A proposal as YAML files for review: one a silo, and the glossary."""

from collections.abc import Mapping
from pathlib import Path

from catalog import semantic_writer
from catalog.proposal.propose import Proposed
from catalog.semantic_files import GLOSSARY, load_semantic_model
from connectors.errors import ConfigurationError

HEADER = (
    "Proposed from the catalog; nobody has reviewed it yet.\n"
    "Each part carries a mark `proposed` with a score and the reason: remove the mark once you\n"
    "agree, change or delete what is wrong."
)


def texts(proposed: Proposed) -> dict[str, str]:
    """The files by name."""
    found = {
        f"{silo}.yaml": semantic_writer.text(
            semantic_writer.document(
                silo, datasets, proposed.relationships[silo], proposed.metrics[silo]
            ),
            HEADER,
        )
        for silo, datasets in proposed.datasets.items()
    }
    if proposed.terms:
        comment = (
            "The company's own words, linked to what they most likely mean; review the scores."
        )
        found[GLOSSARY] = semantic_writer.text(semantic_writer.glossary(proposed.terms), comment)
    return found


def write(proposed: Proposed, folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files, all or none, and read them back with the loader.

    Returns:
        The written files.

    Raises:
        ConfigurationError: A file is there already and `force` is not set; or the folder cannot
            be written, or the files beside them do not fit.
    """
    return write_files(texts(proposed), folder, force=force)


def write_files(
    files: Mapping[str, str], folder: Path, *, force: bool, check: bool = True
) -> tuple[Path, ...]:
    """Write texts by file name, none over an existing file unless `force` is set.

    Args:
        files: Text by file name.
        folder: Made when it is not there.
        force: Overwrite files that are there.
        check: Read the folder back with the loader.

    Raises:
        ConfigurationError: As `write`.
    """
    paths = [folder / name for name in files]
    there = [path.name for path in paths if path.exists()]
    if there and not force:
        message = f"{', '.join(there)} in {str(folder)!r} would be overwritten"
        raise ConfigurationError(message, hint="Choose another --out, or overwrite with --force")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, files.values(), strict=True):
            part = path.with_suffix(".part")
            part.write_text(content, encoding="utf-8")
            part.replace(path)
    except OSError as error:
        raise ConfigurationError(f"cannot write to {str(folder)!r}: {error}") from error
    if check:
        load_semantic_model(folder)
    return tuple(paths)
