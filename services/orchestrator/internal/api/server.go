package api

import (
	"fmt"
	"net/http"

	"connectrpc.com/connect"
	"connectrpc.com/grpcreflect"
	"connectrpc.com/otelconnect"
	"connectrpc.com/validate"

	"chimera/gen/go/chimera/control/v1/internalv1connect"
	"chimera/gen/go/chimera/platform/v1/platformv1connect"
	"chimera/services/kit/rules"
)

// maxMessage bounds one request message in bytes; maxBody the bytes read of a request at all.
const (
	maxMessage = 4 << 20
	maxBody    = maxMessage + 64<<10
)

var platformServices = []string{
	platformv1connect.AccountServiceName, platformv1connect.AgentServiceName, platformv1connect.AuditServiceName, platformv1connect.CalendarServiceName, platformv1connect.CampaignServiceName,
	platformv1connect.DeadLetterServiceName, platformv1connect.EventServiceName, platformv1connect.MemberServiceName, platformv1connect.PlanServiceName, platformv1connect.PolicyServiceName,
	platformv1connect.PostServiceName, platformv1connect.ReviewServiceName, platformv1connect.SessionServiceName, platformv1connect.StopServiceName,
	platformv1connect.SystemServiceName, platformv1connect.ToolServiceName,
}

var internalServices = []string{internalv1connect.WorkerServiceName, internalv1connect.SkillServiceName}

// Handler serves both APIs on one listener.
func Handler(d Deps) (http.Handler, error) {
	return build(d, append(append([]string{}, platformServices...), internalServices...), (*core).mountPlatform, (*core).mountInternal)
}

// PlatformHandler serves platform.v1, for the listener that people's programs reach.
func PlatformHandler(d Deps) (http.Handler, error) {
	return build(d, platformServices, (*core).mountPlatform)
}

// InternalHandler serves internal.v1, for the listener that only workers and skills reach.
func InternalHandler(d Deps) (http.Handler, error) {
	return build(d, internalServices, (*core).mountInternal)
}

func build(d Deps, services []string, mounts ...func(*core, *http.ServeMux, ...connect.HandlerOption)) (http.Handler, error) {
	d, err := d.withDefaults()
	if err != nil {
		return nil, err
	}
	c := newCore(d)
	trace, err := otelconnect.NewInterceptor(otelconnect.WithTrustRemote(), otelconnect.WithoutMetrics())
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	bounds := []connect.HandlerOption{
		connect.WithReadMaxBytes(maxMessage),
		// 512 KiB of gzip inflate to 512 MiB: requests come as they are.
		connect.WithCompression("gzip", nil, nil),
	}
	options := append([]connect.HandlerOption{
		// Before the message is read: who calls, for which tenant, with what permission.
		connect.WithRequestGate(c.admit),
		connect.WithInterceptors(
			// Outermost, so that the span sees the code the caller sees.
			trace,
			// Kinds become codes here, and nothing internal passes.
			failing{c.failures(), c},
		),
		// Inside failures, so that a panic is reported like any other defect.
		connect.WithRecover(c.recovered),
		connect.WithInterceptors(
			// No service method sees a message that breaks its schema's rules.
			validate.NewInterceptor(validate.WithValidator(rules.Validator{})),
			// Innermost: needs a valid message and the method's own error (R9.5).
			c.foreign(),
			c.named(),
		),
	}, bounds...)
	mux := http.NewServeMux()
	for _, mount := range mounts {
		mount(c, mux, options...)
	}
	// The schema is no secret and is served without a token; it holds no tenant's data.
	reflector := grpcreflect.NewStaticReflector(services...)
	mux.Handle(grpcreflect.NewHandlerV1(reflector, append(bounds, connect.WithReadMaxBytes(64<<10))...))
	mux.Handle(grpcreflect.NewHandlerV1Alpha(reflector, append(bounds, connect.WithReadMaxBytes(64<<10))...))
	return c.edge(mux), nil
}

func (c *core) mountPlatform(mux *http.ServeMux, o ...connect.HandlerOption) {
	mux.Handle(platformv1connect.NewAccountServiceHandler(accounts{c}, o...))
	mux.Handle(platformv1connect.NewAgentServiceHandler(agents{c}, o...))
	mux.Handle(platformv1connect.NewAuditServiceHandler(audits{c}, o...))
	mux.Handle(platformv1connect.NewCalendarServiceHandler(calendars{c}, o...))
	mux.Handle(platformv1connect.NewCampaignServiceHandler(campaigns{c}, o...))
	mux.Handle(platformv1connect.NewDeadLetterServiceHandler(deadLetters{c}, o...))
	mux.Handle(platformv1connect.NewEventServiceHandler(events{c}, o...))
	mux.Handle(platformv1connect.NewMemberServiceHandler(members{c}, o...))
	mux.Handle(platformv1connect.NewPlanServiceHandler(plans{c}, o...))
	mux.Handle(platformv1connect.NewPolicyServiceHandler(policies{c}, o...))
	mux.Handle(platformv1connect.NewPostServiceHandler(posts{c}, o...))
	mux.Handle(platformv1connect.NewReviewServiceHandler(reviews{c}, o...))
	mux.Handle(platformv1connect.NewSessionServiceHandler(sessions{c}, o...))
	mux.Handle(platformv1connect.NewStopServiceHandler(stops{c}, o...))
	mux.Handle(platformv1connect.NewSystemServiceHandler(systems{c}, o...))
	mux.Handle(platformv1connect.NewToolServiceHandler(tools{c}, o...))
}

func (c *core) mountInternal(mux *http.ServeMux, o ...connect.HandlerOption) {
	mux.Handle(internalv1connect.NewWorkerServiceHandler(workers{c}, o...))
	mux.Handle(internalv1connect.NewSkillServiceHandler(skills{c}, o...))
}
