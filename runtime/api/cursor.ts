/** Where the next page of a list starts. Clients send the cursor back and cannot read it. */
export function encodeCursor(before: number): string {
  return Buffer.from(`1:${before}`).toString("base64url");
}

/** The sequence number in a cursor, undefined for a text that is not a cursor. */
export function decodeCursor(cursor: string): number | undefined {
  const match = /^1:([1-9]\d{0,14})$/.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  if (match === null || encodeCursor(Number(match[1])) !== cursor) return undefined;
  return Number(match[1]);
}
