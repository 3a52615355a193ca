import { alternate, median } from "../../../bench/measure";
import { atMost, atMostMore, below, faster, table } from "../../../bench/table";
import type { Row } from "../../../bench/table";

const ROW: Omit<Row, "name" | "what" | "unit" | "target"> = { against: "the peer", measure: () => Promise.reject(new Error("not asked")) };

test("a row that was measured says what it reached, one that was not says why", () => {
  expect(
    table([
      [
        { ...ROW, name: "up", what: "warm up", unit: "s", target: atMost(1.2) },
        { ours: 7.24, peer: 6.5 },
      ],
      [
        { ...ROW, name: "probe", what: "health check", unit: "ms", target: atMost(0.02) },
        { ours: 4, peer: 812 },
      ],
      [
        { ...ROW, name: "help", what: "--help", unit: "ms", target: atMostMore(150, "ms") },
        { ours: 251, peer: 100 },
      ],
      [{ ...ROW, name: "size", what: "image", unit: "MB", target: below(900, "MB") }, { reason: "no engine answers" }],
    ]),
  ).toBe(
    `
        what            ours    peer  ratio  target     against
ok      warm up        7.2 s   6.5 s   1.11  ≤ 1.2×     the peer
ok      health check  4.0 ms  812 ms  1/203  ≤ 0.02×    the peer
MISSED  --help        251 ms  100 ms   2.51  ≤ +150 ms  the peer
-       image              -       -      -  < 900 MB   the peer

size was not measured: no engine answers
`.slice(1, -1),
  );
});

test.each([
  ["at most", atMost(1.05), { ours: 105, peer: 100 }, { ours: 106, peer: 100 }],
  ["at most more", atMostMore(1.5, "s"), { ours: 3.5, peer: 2 }, { ours: 3.6, peer: 2 }],
  ["below", below(250, "MB"), { ours: 249, peer: 1 }, { ours: 250, peer: 1 }],
  ["faster", faster(3), { ours: 100, peer: 300 }, { ours: 100, peer: 299 }],
])("%s", (_, target, met, missed) => {
  expect([target.isMet(met), target.isMet(missed)]).toEqual([true, false]);
});

test("both run in turn; the first round fills caches and does not count", async () => {
  const order: string[] = [];
  const values = { ours: [100, 1, 9, 2], peer: [100, 30, 10, 20] };
  const next = (name: "ours" | "peer") => () => {
    order.push(name);
    return values[name].shift()!;
  };
  expect(await alternate({ ours: next("ours"), peer: next("peer") }, 3)).toEqual({ ours: 2, peer: 20 });
  expect(order).toEqual(["ours", "peer", "ours", "peer", "ours", "peer", "ours", "peer"]);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
