// The page's CSV: one line of a file in, its fields out.

/** `a,"b, ""c""",` → `a`, `b, "c"`, and an empty one. */
export function csvFields(line: string): readonly string[] {
  const fields = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields.map(([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare);
}
