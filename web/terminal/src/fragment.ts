/** Seat and one-time code from the link's fragment; it never reaches a server's log. */
export function enrolmentOf(hash: string): { seat: string; code: string } | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const seat = fields.get('seat') ?? '';
  const code = fields.get('code') ?? '';
  return /^[A-Za-z0-9-]{1,64}$/.test(seat) && /^[A-Za-z0-9-]{1,64}$/.test(code) ? { seat, code } : null;
}
