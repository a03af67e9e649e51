package spec_test

// ownErrors are each RPC's reasons beyond those that every RPC of its kind has and those that the shape of its
// request leads to (a state_version can be stale, an id unknown, a key used before).
var ownErrors = map[string][]string{
	"AccountService.ConnectAccount":     {"ALREADY_EXISTS"},
	"AccountService.GetAccount":         nil,
	"AccountService.ListAccounts":       nil,
	"AccountService.ReplaceSecret":      nil,
	"AccountService.SetAccountDisabled": nil,

	"AgentService.CreateAgent":         nil,
	"AgentService.GetAgent":            nil,
	"AgentService.ListAgents":          nil,
	"AgentService.UpdatePersona":       nil,
	"AgentService.ListPersonaVersions": nil,

	"AuditService.ListAuditEntries":   nil,
	"AuditService.ExportAudit":        nil,
	"AuditService.VerifyAuditChain":   nil,
	"AuditService.ListSecurityEvents": nil,

	"CalendarService.ListCalendar": nil,
	"CalendarService.MovePlanned":  {"WRONG_STATE"},

	"CampaignService.CreateCampaign": nil,
	"CampaignService.GetCampaign":    nil,
	"CampaignService.ListCampaigns":  nil,
	"CampaignService.StartCampaign":  {"WRONG_STATE"},
	"CampaignService.PauseCampaign":  {"WRONG_STATE"},
	"CampaignService.ResumeCampaign": {"WRONG_STATE"},
	"CampaignService.CancelCampaign": {"WRONG_STATE"},
	"CampaignService.ListPlaybooks":  nil,

	"DeadLetterService.ListDeadLetters":   nil,
	"DeadLetterService.GetDeadLetter":     nil,
	"DeadLetterService.ReplayDeadLetter":  {"UNAVAILABLE"},
	"DeadLetterService.DiscardDeadLetter": nil,

	"EventService.WatchTenant": {"RATE_LIMITED"},

	"MemberService.ListMembers":  nil,
	"MemberService.SetMember":    {"WRONG_STATE"},
	"MemberService.RemoveMember": {"NOT_FOUND", "WRONG_STATE"},

	"PlanService.GetPlan":          nil,
	"PlanService.ListPlanVersions": nil,
	"PlanService.GetTask":          nil,
	"PlanService.ListTasks":        nil,
	"PlanService.RetryTask":        {"WRONG_STATE"},

	"PolicyService.GetPolicy":    nil,
	"PolicyService.UpdatePolicy": {"STALE_VERSION"},

	"PostService.ListPosts":     nil,
	"PostService.GetPost":       nil,
	"PostService.ListEffects":   nil,
	"PostService.ResolveEffect": {"WRONG_STATE"},

	"ReviewService.ListReviews":    nil,
	"ReviewService.GetReview":      nil,
	"ReviewService.ClaimReview":    {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER"},
	"ReviewService.ReleaseReview":  {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER"},
	"ReviewService.ApproveReview":  {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER", "DIGEST_MISMATCH", "POLICY_VIOLATION"},
	"ReviewService.RejectReview":   {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER"},
	"ReviewService.RequestChanges": {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER", "LIMIT_EXCEEDED"},
	"ReviewService.SnoozeReview":   {"WRONG_STATE", "EXPIRED", "CLAIMED_BY_OTHER"},

	"SessionService.GetSession": nil,

	"StopService.PressStop":   {"ALREADY_EXISTS"},
	"StopService.ReleaseStop": nil,
	"StopService.ListStops":   nil,

	"SystemService.GetSystemStatus": nil,

	"ToolService.ListTools":  nil,
	"ToolService.AcceptTool": {"NOT_FOUND", "STALE_VERSION"},

	// The first two answer per item, in the outcome's reason.
	"WorkerService.ClaimTasks":    {"NOT_FOUND", "STALE_EPOCH", "DIGEST_MISMATCH", "STOPPED"},
	"WorkerService.Heartbeat":     {"NOT_FOUND", "STALE_EPOCH", "CANCELLED", "STOPPED"},
	"WorkerService.RegisterTools": nil,
	"WorkerService.Recall":        {"STALE_EPOCH", "CANCELLED", "STOPPED"},

	"SkillService.RedeemGrant": {
		"GRANT_INVALID", "GRANT_EXPIRED", "GRANT_CONSUMED", "GRANT_MISMATCH", "STALE_EPOCH", "STALE_VERSION",
		"CANCELLED", "STOPPED", "CREDENTIAL_DEAD",
	},
	"SkillService.GetCredential":   {"PERMISSION_DENIED", "STALE_EPOCH", "CANCELLED", "STOPPED", "CREDENTIAL_DEAD"},
	"SkillService.ReportViolation": nil,
}
