/** An answer that is not a success, or no answer at all (status 0, code `net.*`). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
    /** The rule that demanded the refusal, as the server cites it. */
    readonly source?: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export function asApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError(0, 'net.failed', cause instanceof Error ? cause.message : String(cause));
}
