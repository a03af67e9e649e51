package judge

// taint tells the reviewer that the words derive from outside; alone it decides nothing.
func taint(f *facts) []finding {
	if !f.tainted() || f.executes() {
		return nil
	}
	return []finding{passed("taint", "text from outside is marked", "", "tainted", "derives from text that came from outside; check its claims")}
}

func (f *facts) tainted() bool {
	return f.Task.GetSpec().GetTainted() || f.Result.GetProvenance().GetTainted()
}
