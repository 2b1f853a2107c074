import { expect, test } from "bun:test";
import { parseEnv } from "../env.ts";
import { gangPlace, gangVariables } from "./gang.ts";

const envWith = (more: Record<string, string>) => parseEnv({ HUB_URL: "http://127.0.0.1:1", ...more });
const SET = { PODIUM_GANG_ADDRESS: "10.0.0.7", PODIUM_GANG_NETWORK: "host" };

test("a node takes no members of gangs unless its operator says where and on which network", () => {
  expect(gangPlace(envWith({}), "process")).toBeUndefined();
  expect(gangPlace(envWith(SET), "process")).toEqual({
    address: "10.0.0.7",
    first_port: 29_500,
    last_port: 29_999,
  });
  expect(gangPlace(envWith({ ...SET, PODIUM_GANG_PORTS: "7000-7000" }), "docker")).toMatchObject({
    first_port: 7000,
    last_port: 7000,
  });
});

test("half of it, or a network that can't be had, is said at start", () => {
  for (const name of ["PODIUM_GANG_ADDRESS", "PODIUM_GANG_NETWORK"] as const)
    expect(() => gangPlace(envWith({ [name]: SET[name] }), "process")).toThrow("go together");
  const docker = envWith({ ...SET, PODIUM_GANG_NETWORK: "fabric" });
  expect(() => gangPlace(docker, "process")).toThrow("a network of Docker");
  expect(gangPlace(docker, "docker")?.address).toBe("10.0.0.7");
});

test("what makes no sense is refused by its name", () => {
  for (const network of ["none", "default", "-x", "a b"])
    expect(() => envWith({ ...SET, PODIUM_GANG_NETWORK: network })).toThrow("PODIUM_GANG_NETWORK");
  for (const address of ["a b", "http://x", "-a", "a,b"])
    expect(() => envWith({ ...SET, PODIUM_GANG_ADDRESS: address })).toThrow("PODIUM_GANG_ADDRESS");
  for (const ports of ["1", "2-1", "0-5", "1-65536", "a-b", "1-2-3"])
    expect(() => envWith({ ...SET, PODIUM_GANG_PORTS: ports })).toThrow("PODIUM_GANG_PORTS");
});

test("a script finds the others by Podium's names and by those that PyTorch looks for", () => {
  const members = [
    { address: "10.0.0.7", port: 29_500 },
    { address: "10.0.0.8", port: 29_501 },
  ];
  expect(gangVariables({ rank: 1, members })).toEqual({
    PODIUM_RANK: "1",
    PODIUM_WORLD: "2",
    PODIUM_MEMBERS: JSON.stringify(members),
    RANK: "1",
    WORLD_SIZE: "2",
    LOCAL_RANK: "0",
    MASTER_ADDR: "10.0.0.7",
    MASTER_PORT: "29500",
  });
});
