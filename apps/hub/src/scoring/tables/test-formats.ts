import { DuckDBInstance } from "@duckdb/node-api";
import { sqlText } from "./locked-database.ts";

/** Writes what a query gives as Parquet. */
export async function writeParquet(path: string, query: string, options = ""): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO ${sqlText(path)} (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** An npy file: its header and the array's bytes. */
export function npyOf(descr: string, shape: string, data: Uint8Array, fortran = "False"): Buffer {
  const header = `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 0xff, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header, "latin1"), data]);
}

export const doubles = (...values: number[]) => new Uint8Array(new Float64Array(values).buffer);
