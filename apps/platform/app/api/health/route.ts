/** For probes: the process answers. It says nothing about the API behind it. */
export function GET() {
  return Response.json({ ok: true });
}
