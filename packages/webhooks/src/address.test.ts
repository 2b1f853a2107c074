import { expect, test } from "bun:test";
import { isPublicAddress } from "./address.ts";

test("public addresses are public", () => {
  for (const address of ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.3.1", "2606:4700::1111", "2a00:1450::1"])
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
});

test("addresses of this machine, its networks, the metadata service, and ways around are not", () => {
  const addresses = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "fe80::1%eth0",
    "localhost",
    "2130706433",
    "",
  ];
  for (const address of addresses) expect([address, isPublicAddress(address)]).toEqual([address, false]);
});
