import { LeaseKeeper, LeaseLostError, LeaseUncertainError } from "../../../runtime/stages/lease-keeper";

const DURATIONS = { lease: 60_000, leaseRenewal: 15_000 };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function keeper(renew: () => Promise<boolean>) {
  const lost: Error[] = [];
  const subject = new LeaseKeeper(renew, (reason) => lost.push(reason), DURATIONS);
  subject.start();
  return { subject, lost };
}

test("renews every 15 seconds until it is stopped", async () => {
  const renew = jest.fn(async () => true);
  const { subject, lost } = keeper(renew);
  await jest.advanceTimersByTimeAsync(59_000);
  expect(renew).toHaveBeenCalledTimes(3);
  expect(subject.remaining()).toBe(46_000);
  subject.stop();
  await jest.advanceTimersByTimeAsync(600_000);
  expect(renew).toHaveBeenCalledTimes(3);
  expect(lost).toEqual([]);
});

test("a lease that was lost stops the stage at once", async () => {
  const { lost } = keeper(async () => false);
  await jest.advanceTimersByTimeAsync(15_000);
  expect(lost).toEqual([new LeaseLostError("another worker took over the stage")]);
});

test("a database that is unreachable for less than the lease does not stop the stage", async () => {
  let away = true;
  const { subject, lost } = keeper(async () => {
    if (away) throw new Error("connection refused");
    return true;
  });
  await jest.advanceTimersByTimeAsync(50_000);
  away = false;
  await jest.advanceTimersByTimeAsync(2_000);
  expect(lost).toEqual([]);
  expect(subject.remaining()).toBeGreaterThan(57_000);
});

test("a database that is unreachable for the whole lease stops the stage when the lease ends, not later", async () => {
  const { lost } = keeper(async () => {
    throw new Error("connection refused");
  });
  await jest.advanceTimersByTimeAsync(59_000);
  expect(lost).toEqual([]);
  await jest.advanceTimersByTimeAsync(1_500);
  expect(lost).toEqual([new LeaseUncertainError(new Error("connection refused"))]);
  expect(lost[0]).toBeInstanceOf(LeaseUncertainError);
});
