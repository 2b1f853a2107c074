import { DomainError } from "@podium/shared";

/** better-auth's errors in our words; anything it did not mean for a caller is thrown on as a bug. */
export function translateAuthError(error: unknown): never {
  const { statusCode, body } = (error ?? {}) as {
    statusCode?: number;
    body?: { code?: string; message?: string };
  };
  const code = body?.code ?? "";
  if (code.startsWith("USER_ALREADY_EXISTS")) {
    throw new DomainError(
      "conflict",
      "There is an account with this e-mail address. Log in, or use another address.",
    );
  }
  if (statusCode === 401)
    throw new DomainError("unauthenticated", "The e-mail address or the password is wrong.");
  if (statusCode && statusCode >= 400 && statusCode < 500) {
    throw new DomainError("invalid_request", body?.message ?? "The request was refused.");
  }
  throw error;
}
