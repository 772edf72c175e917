import { describe, expect, test } from "bun:test";
import { startsIn, utc, zoneOf } from "../../src/metrics/zone.ts";

const hour = 3_600_000;
const day = 24 * hour;
const at = (text: string): number => Date.parse(text);

function starts(name: string, width: number, from: string, until: string): readonly string[] {
  const zone = zoneOf(name);
  if (zone === null) throw new Error(`there is no zone ${name}`);
  return startsIn(zone, width, at(from), at(until)).map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe("days begin at midnight where people live", () => {
  test.each([
    [
      "on the day of 23 hours",
      "Europe/Berlin",
      "2027-03-27T23:00:00Z",
      "2027-03-29T22:00:00Z",
      ["2027-03-27T23:00", "2027-03-28T22:00"],
    ],
    [
      "on the day of 25 hours",
      "Europe/Berlin",
      "2027-10-30T22:00:00Z",
      "2027-11-01T23:00:00Z",
      ["2027-10-30T22:00", "2027-10-31T23:00"],
    ],
    [
      "in the middle of one",
      "America/New_York",
      "2027-01-02T12:00:00Z",
      "2027-01-03T06:00:00Z",
      ["2027-01-02T05:00", "2027-01-03T05:00"],
    ],
    [
      "half an hour off",
      "Asia/Kolkata",
      "2027-01-01T18:30:00Z",
      "2027-01-02T18:31:00Z",
      ["2027-01-01T18:30", "2027-01-02T18:30"],
    ],
    [
      "where midnight was left out",
      "Asia/Beirut",
      "2027-03-27T12:00:00Z",
      "2027-03-28T12:00:00Z",
      ["2027-03-26T22:00", "2027-03-27T22:00"],
    ],
    [
      "where the date line lies",
      "Pacific/Kiritimati",
      "2027-01-01T10:00:00Z",
      "2027-01-02T10:00:00Z",
      ["2027-01-01T10:00"],
    ],
    [
      "in UTC",
      "UTC",
      "2027-01-01T00:00:00Z",
      "2027-01-03T00:00:00Z",
      ["2027-01-01T00:00", "2027-01-02T00:00"],
    ],
  ])("%s", (_, name, from, until, expected) => {
    expect(starts(name, day, from, until)).toEqual(expected);
  });
});

describe("hours", () => {
  test("are as many as passed on the days on which the clock is changed", () => {
    expect(starts("Europe/Berlin", hour, "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z")).toHaveLength(23);
    expect(starts("Europe/Berlin", hour, "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z")).toHaveLength(25);
  });

  test("begin on the half where the clock says so", () => {
    expect(starts("Asia/Kolkata", hour, "2027-01-01T00:00:00Z", "2027-01-01T01:00:00Z")).toEqual([
      "2026-12-31T23:30",
      "2027-01-01T00:30",
    ]);
  });
});

const zones = [
  "Europe/Berlin",
  "America/New_York",
  "America/Havana",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
];

test.each(zones)("every day of two years in %s begins as the calendar says", (name) => {
  const zone = zoneOf(name) ?? utc;
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: name });
  const days = startsIn(zone, day, at("2026-01-01T12:00:00Z"), at("2028-01-01T12:00:00Z"));
  for (const start of days) expect(date.format(start)).not.toBe(date.format(start - 1));
  expect(new Set(days.map((start) => date.format(start))).size).toBe(days.length);
  expect(days).toHaveLength(731);
});

test.each(["Nowhere/City", "", "europe berlin", "../etc/passwd"])("%j is no zone", (name) => {
  expect(zoneOf(name)).toBeNull();
});
