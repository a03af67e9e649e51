"use client";
import { createContext, useContext, type ReactNode } from "react";
import { useSession } from "@/lib/session/use-session";
import { destinations, type Destination, type DestinationPath } from "./navigation";

type Roles = Record<DestinationPath, number>;
const Context = createContext<Roles | undefined>(undefined);

/** Hands the frame what the server read off the schema: the weakest role for each page. */
export function DestinationRoles({ roles, children }: { roles: Roles; children: ReactNode }) {
  return <Context value={roles}>{children}</Context>;
}

/** The pages this person may open. */
export function useDestinations(): readonly Destination[] {
  const roles = useContext(Context);
  const { role } = useSession();
  return destinations.filter((d) => roles !== undefined && role >= roles[d.path]);
}
