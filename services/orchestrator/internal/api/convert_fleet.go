package api

import (
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

func agentOf(a store.Agent) (*platformv1.Agent, error) {
	persona, err := fromJSON(a.Persona, &platformv1.Persona{})
	return &platformv1.Agent{Id: a.ID, Name: a.Name, PersonaVersion: a.PersonaVersion, Persona: persona, StateVersion: a.StateVersion, CreatedAt: stamp(a.CreatedAt)}, err
}

func personaVersionOf(p store.PersonaVersion) (*platformv1.PersonaVersion, error) {
	persona, err := fromJSON(p.Persona, &platformv1.Persona{})
	return &platformv1.PersonaVersion{Version: p.Version, Persona: persona, CreatedBy: p.CreatedBy, CreatedAt: stamp(p.CreatedAt)}, err
}

func accountOf(a store.Account) *platformv1.Account {
	return &platformv1.Account{
		Id: a.ID, AgentId: a.AgentID, Platform: a.Platform, Handle: a.Handle, BaseUrl: a.BaseURL,
		Health:       enumOf[platformv1.AccountHealth](platformv1.AccountHealth_value, "ACCOUNT_HEALTH_", a.Health),
		StateVersion: a.StateVersion, CreatedAt: stamp(a.CreatedAt),
	}
}

func policyOf(p store.Policy) (*platformv1.Policy, error) {
	policy, err := fromJSON(p.Body, &platformv1.Policy{})
	policy.Version, policy.CreatedBy, policy.CreatedAt = p.Version, p.CreatedBy, stamp(p.CreatedAt)
	return policy, err
}

func stopOf(s store.Stop) *platformv1.Stop {
	return &platformv1.Stop{
		Id: s.ID, Scope: enumOf[platformv1.StopScope](platformv1.StopScope_value, "STOP_SCOPE_", s.Scope), ScopeId: s.ScopeID, Reason: s.Reason,
		PressedBy: s.PressedBy, PressedAt: stamp(s.PressedAt), ReleasedBy: textIf(s.ReleasedBy), ReleasedAt: stampIf(s.ReleasedAt), StateVersion: s.StateVersion,
		QuietAt: stampIf(s.QuietAt), EndingCalls: s.Ending,
	}
}

func toolOf(t store.Tool) *platformv1.Tool {
	tool := &platformv1.Tool{
		Name: t.Name, Version: t.Version, SeenDigest: t.Digest, PinnedDigest: textIf(t.PinnedDigest), Changed: toolChanged(t),
		ReadOnly: t.ReadOnly, DescriptorJson: t.Descriptor, SeenAt: stamp(t.SeenAt), PinnedBy: textIf(t.PinnedBy),
		AcceptedDescriptorJson: textIf(t.PinnedDescriptor), PinnedAt: stampIf(t.PinnedAt),
	}
	if tool.GetChanged() {
		tool.ProposedDescriptorJson = t.Descriptor
	}
	return tool
}

// toolChanged: what the workers see is not what the tenant pinned (R8.4).
func toolChanged(t store.Tool) bool { return t.PinnedDigest != nil && *t.PinnedDigest != t.Digest }

func roleOf(word string) platformv1.Role {
	return enumOf[platformv1.Role](platformv1.Role_value, "ROLE_", word)
}

func memberOf(m store.Member) *platformv1.Member {
	return &platformv1.Member{Subject: m.Subject, Email: m.Email, Role: roleOf(m.Role), CreatedAt: stamp(m.CreatedAt), Name: m.Name}
}
