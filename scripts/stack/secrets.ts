import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a data folder's processes share and nobody else may know; made once per folder. */
export interface Secrets {
  hubSecret: string;
  gatewayToken: string;
  joinToken: string;
  adminPassword: string;
  postgresSuperuserPassword: string;
  postgresPassword: string;
}

/** Reads the folder's `secrets.json` (mode 0600), or makes it. The admin's password also gets a file for people. */
export function folderSecrets(dir: string): { secrets: Secrets; adminPasswordFile: string } {
  const path = join(dir, "secrets.json");
  const adminPasswordFile = join(dir, "admin-password");
  if (!existsSync(path)) {
    const secrets = makeSecrets();
    writePrivate(adminPasswordFile, `${secrets.adminPassword}\n`);
    writePrivate(path, JSON.stringify(secrets, null, 2));
  }
  return { secrets: JSON.parse(readFileSync(path, "utf8")) as Secrets, adminPasswordFile };
}

/** Writes a file that only its owner can read, all of it or nothing. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function makeSecrets(): Secrets {
  const secret = (bytes: number) => randomBytes(bytes).toString("base64url");
  return {
    hubSecret: secret(32),
    gatewayToken: secret(32),
    joinToken: secret(32),
    adminPassword: secret(15),
    postgresSuperuserPassword: secret(24),
    postgresPassword: secret(24),
  };
}
