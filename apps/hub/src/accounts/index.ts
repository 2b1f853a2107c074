export { type Auth, createAuth } from "./auth.ts";
export { bootstrapAdmin } from "./bootstrap-admin.ts";
export { createIdentifier, type Identifier, type Identity } from "./identify.ts";
export { accountRoutes } from "./routes.ts";
export { type SignedIn, signUp } from "./sign-up.ts";
export { findUser, forgetLogins } from "./store.ts";
