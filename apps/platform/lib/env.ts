import "server-only";
import { z } from "zod";

const schema = z.object({
  CHIMERA_OIDC_ISSUER: z.url(),
  CHIMERA_PLATFORM_CLIENT_ID: z.string().min(1).default("chimera-platform"),
  CHIMERA_PLATFORM_CLIENT_SECRET: z.string().min(1),
  // Where browsers reach this app: redirects and the origin check go by it, never by the Host header.
  CHIMERA_PLATFORM_URL: z.url(),
  CHIMERA_SESSION_SECRET: z.string().min(32, "at least 32 characters"),
  CHIMERA_API_URL: z.url(),
  // Where a request's logs are read; {request_id} stands for the id. Without it pages offer the id alone.
  CHIMERA_PLATFORM_LOGS_URL: z.literal("").or(z.string().regex(/^https?:\/\/\S*\{request_id\}\S*$/, "an http address with {request_id} in it")).default(""),
  // Content-Security-Policy sources that posts' images may come from.
  CHIMERA_IMAGE_SOURCES: z.string().regex(/^[A-Za-z0-9.:/* -]+$/).default("https:"),
});

export type Env = {
  issuer: URL;
  clientId: string;
  clientSecret: string;
  /** Without a trailing slash. */
  origin: string;
  secure: boolean;
  sessionSecret: string;
  apiUrl: string;
  imageSources: string;
  /** With {request_id} in it; "" if there is none. */
  logsUrl: string;
};

let read: Env | undefined;

/** Reads the environment once. Throws naming every variable that is missing or malformed. */
export function env(): Env {
  if (read) return read;
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
    throw new Error(`The Platform's environment is incomplete: ${wrong}`);
  }
  const e = parsed.data;
  const origin = new URL(e.CHIMERA_PLATFORM_URL).origin;
  read = {
    issuer: new URL(e.CHIMERA_OIDC_ISSUER),
    clientId: e.CHIMERA_PLATFORM_CLIENT_ID,
    clientSecret: e.CHIMERA_PLATFORM_CLIENT_SECRET,
    origin,
    secure: origin.startsWith("https:"),
    sessionSecret: e.CHIMERA_SESSION_SECRET,
    apiUrl: e.CHIMERA_API_URL.replace(/\/$/, ""),
    imageSources: e.CHIMERA_IMAGE_SOURCES,
    logsUrl: e.CHIMERA_PLATFORM_LOGS_URL,
  };
  return read;
}
