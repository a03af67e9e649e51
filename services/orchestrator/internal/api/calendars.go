package api

import "chimera/gen/go/chimera/platform/v1/platformv1connect"

type calendars struct {
	*core
	platformv1connect.UnimplementedCalendarServiceHandler
}
