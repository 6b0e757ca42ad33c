#!/usr/bin/env python3
"""Writes the index as each version of its tables has it: index-v1.sqlite, index-v2.sqlite, index-v3.sqlite.

The tables are those that the migrations of `StoreIndex+Migrations.swift` make, as `.schema` shows them; a file that is
here is never changed, a new version adds its own. The one model in it has no file.
"""
import sqlite3
from pathlib import Path

MODELS = """CREATE TABLE "models" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "ref" TEXT NOT NULL UNIQUE CHECK (LENGTH("ref")
    > 0), "publisher" TEXT NOT NULL, "repository" TEXT NOT NULL, "quantization" TEXT, "revision" TEXT, "license" TEXT,
    "installedAt" INTEGER NOT NULL, "verifiedAt" INTEGER, "state" TEXT NOT NULL CHECK ("state" IN ('ready', 'partial',
    'damaged', 'missing')))"""
FILES = """CREATE TABLE "files" ("modelId" INTEGER NOT NULL REFERENCES "models"("id") ON DELETE CASCADE, "position" INTEGER
    NOT NULL CHECK ("position" >= 0), "name" TEXT NOT NULL, "path" TEXT NOT NULL, "size" INTEGER NOT NULL CHECK ("size"
    >= 0), "modified" INTEGER NOT NULL, "digest" TEXT CHECK (("digest" IS NULL) OR (LENGTH("digest") = 64)), "proof" TEXT
    NOT NULL CHECK ("proof" IN ('sha256', 'size', 'none')), "%s" TEXT, PRIMARY KEY ("modelId", "position"), UNIQUE
    ("modelId", "name"))"""
CHECKED = """CREATE TABLE "files" (
    modelId INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (length(name) > 0 AND instr(name, '/') = 0),
    path TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    modified INTEGER NOT NULL,
    digest TEXT CHECK (digest IS NULL OR (length(digest) = 64 AND digest NOT GLOB '*[^0-9a-f]*')),
    proof TEXT NOT NULL CHECK (proof IN ('sha256', 'size', 'none')),
    origin TEXT CHECK (origin IS NULL OR json_valid(origin)),
    PRIMARY KEY (modelId, position), UNIQUE (modelId, name))"""
PINS = """CREATE TABLE "pins" ("ref" TEXT NOT NULL, "file" TEXT NOT NULL, "digest" TEXT NOT NULL CHECK (LENGTH("digest") =
    64), "size" INTEGER NOT NULL CHECK ("size" >= 0), "revision" TEXT, PRIMARY KEY ("ref", "file"))"""
DIGEST = "6f6e65" + "0" * 58
ADDRESS = "https://huggingface.co/maker/old/resolve/r0/old.gguf"
ORIGIN = r'{"hub":{"endpoint":"https://huggingface.co","path":"old.gguf","repository":"maker/old","revision":"r0"}}'
MIGRATIONS = ["v1", "v2 origin", "v3 constraints"]

for number, (files, origin) in enumerate([(FILES % "source", ADDRESS), (FILES % "origin", ORIGIN.replace("/", r"\/")),
                                          (CHECKED, ORIGIN)], 1):
    path = Path(__file__).with_name(f"index-v{number}.sqlite")
    if path.exists():
        continue
    index = sqlite3.connect(path)
    index.executescript(f"""
        PRAGMA page_size = 1024;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        {MODELS}; {files}; {PINS};
        CREATE INDEX "files_on_path" ON "files"("path");
        CREATE INDEX "files_on_digest" ON "files"("digest");
        PRAGMA user_version = 1;""")
    if number >= 3:
        index.executescript("""
            CREATE INDEX models_on_ref_nocase ON models (ref COLLATE NOCASE);
            CREATE TABLE recordFolder (id INTEGER PRIMARY KEY CHECK (id = 1), modified INTEGER);""")
    index.executemany("INSERT INTO grdb_migrations VALUES (?)", [(name,) for name in MIGRATIONS[:number]])
    index.execute("INSERT INTO models VALUES (1, 'old:1b:q4_0', 'maker', 'old', 'Q4_0', 'r0', 'MIT', 1700000000,"
                  " 1700000000, 'ready')")
    index.execute("INSERT INTO files VALUES (1, 0, 'old.gguf', 'maker/old/old.gguf', 7, 1, ?, 'sha256', ?)",
                  (DIGEST, origin))
    index.execute("INSERT INTO pins VALUES ('old:1b:q4_0', 'old.gguf', ?, 7, 'r0')", (DIGEST,))
    index.commit()
    index.close()
