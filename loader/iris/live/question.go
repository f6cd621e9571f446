package live

// Verdict is how an answer stands to what was believed.
type Verdict string

const (
	AsBelieved Verdict = "as believed"
	Otherwise  Verdict = "otherwise"
	Unsettled  Verdict = "not settled" // the server answered, but it does not decide the question
	NotAsked   Verdict = "not asked"
	Failed     Verdict = "failed" // the probe could not be carried out
)

// Question is one that only a real server can answer.
type Question struct {
	Topic    string // a few words; the same in every report
	Believed string
	// Depends says what of irisfix breaks if the belief is wrong; empty: nothing does.
	Depends string

	probe  probe
	Remark string // why it is not asked, if there is no probe; else what irisfix does whatever the answer
}

// probe asks the question. An error means that it could not be asked.
type probe func(*bench) (Answer, error)

// Answer is what a server did.
type Answer struct {
	Said    string // one line or several
	Verdict Verdict
}

// told is an answer that is as believed, or not.
func told(believed bool, said string) (Answer, error) {
	if believed {
		return Answer{said, AsBelieved}, nil
	}
	return Answer{said, Otherwise}, nil
}

// Part is a group of questions.
type Part struct {
	Title     string
	Questions []Question
}

// Parts are all questions, in the order of the report.
func Parts() []Part {
	return []Part{
		{"The protocol: text and streams", textQuestions},
		{"The protocol: statements", statementQuestions},
		{"The protocol: cursors and errors", cursorQuestions},
		{"The protocol: sessions", sessionQuestions},
		{"SQL: statements and transactions", transactionQuestions},
		{"SQL: locks, namespaces and rights", adminQuestions},
		{"SQL: values", valueQuestions},
	}
}
