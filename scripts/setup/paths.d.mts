export declare const BUN_VERSION: string;
export declare const rootDir: string;
export declare const podiumDir: string;
export declare const toolchainDir: string;
export declare const cliPath: string;
export declare function bunPath(): string;
export declare function postgresPackageDir(): string;
