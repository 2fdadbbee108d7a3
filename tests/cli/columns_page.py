"""Writes docs/columns.md, from its first table on: `python -m tests.cli.columns_page`."""

from pathlib import Path

from lexbits.cli.columns import METRICS, TABLES

PAGE = Path(__file__).parents[2] / "docs" / "columns.md"


def table(columns):
    lines = ["| name | title | |", "|---|---|---|"]
    for column in columns:
        title = column.title.replace("|", "\\|") if column.shown else ""
        lines.append(
            f"| `{column.name}` | {title} | {column.meaning.replace('|', chr(92) + '|')} |"
        )
    return "\n".join(lines)


def page():
    introduction, _, _ = PAGE.read_text(encoding="utf-8").partition("## `lexbits")
    parts = [introduction.rstrip() + "\n"]
    for command, columns in TABLES.items():
        parts.append(f"## `lexbits {command}`\n\n{table(columns)}\n")
        if command == "tune":
            parts.append("Then one column for each setting that was searched, under its name.\n")
        if command == "evaluate":
            parts.append(
                "One row for each measure, among them these, in nats per word unless they say "
                "otherwise:\n\n" + table(METRICS.values()) + "\n"
            )
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
