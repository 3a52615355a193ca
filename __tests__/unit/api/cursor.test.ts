import fc from "fast-check";
import { decodeCursor, encodeCursor } from "../../../runtime/api/cursor";

test("a cursor reads back", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (before) => decodeCursor(encodeCursor(before)) === before));
});

test.each(["", "x", "MTow", "MToxMA==", encodeCursor(0), encodeCursor(1.5), encodeCursor(-1), `${encodeCursor(1)}x`])(
  "%j is no cursor",
  (text) => {
    expect(decodeCursor(text)).toBeUndefined();
  },
);
