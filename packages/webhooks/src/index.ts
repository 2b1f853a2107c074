export { isPublicAddress } from "./address.ts";
export { createPost, type Post, PostFailed } from "./post.ts";
export { signedHeaders, webhookSecret } from "./sign.ts";
