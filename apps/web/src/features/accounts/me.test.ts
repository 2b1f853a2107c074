import { expect, test } from "bun:test";
import type { Me } from "../../api/types.ts";
import { mayManage, personalTeam } from "./me.ts";

const teams: Me["teams"] = [
  { id: "tem_1", slug: "lab", role: "admin", personal: false },
  { id: "tem_2", slug: "ada", role: "owner", personal: true },
  { id: "tem_3", slug: "guests", role: "member", personal: false },
];
const ada: Me = { id: "usr_1", email: "ada@example.org", name: "ada", role: "organizer", teams };

test("the personal team acts where none is chosen", () => {
  expect(personalTeam(ada)).toBe("ada");
  expect(personalTeam({ ...ada, teams: [] })).toBe("");
});

test("owners and admins of the organizing team may close its rounds, members and strangers may not", () => {
  expect(mayManage(ada, "lab")).toBe(true);
  expect(mayManage(ada, "guests")).toBe(false);
  expect(mayManage(ada, "elsewhere")).toBe(false);
  expect(mayManage({ ...ada, role: "admin" }, "elsewhere")).toBe(true);
});
