package iristest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// maxVersion is the highest version of the protocol that the server speaks. The clients offer 65 to 69.
const maxVersion = wire.Version

// welcome takes HS and CN, in this order. Anything else ends the conversation.
func (c *conversation) welcome(ctx context.Context, code wire.Code, body []byte) error {
	switch {
	case code == wire.HS && !c.greeted:
		return c.handshake(body)
	case code == wire.CN && c.greeted:
		return c.connect(ctx, body)
	}
	return errEnd
}

func (c *conversation) handshake(body []byte) error {
	request, err := wire.ParseHandshake(body)
	if err != nil {
		return errEnd
	}
	version := min(request.Version, maxVersion)
	if version < wire.MinVersion {
		return c.refuse(&refusal{413, fmt.Sprintf("protocol version %d is not spoken here", request.Version)})
	}
	c.compact = !c.options.PlainDoubles
	out, err := wire.HandshakeReply{Version: version, Unicode: !c.options.EightBit,
		CompactDoubles: c.compact, Locale: c.options.Locale}.Append(nil)
	if err != nil {
		return err
	}
	c.greeted = true
	return c.reply(wire.StatusOK, out)
}

func (c *conversation) connect(ctx context.Context, body []byte) error {
	request, err := wire.ParseConnect(body, c.charset)
	if err != nil {
		return c.refuse(&refusal{codeFatal, err.Error()})
	}
	if r := authenticate(c.options.Users, request.User, request.Password, request.Namespace); r != nil {
		return c.refuse(r)
	}
	if !c.server.takeLicence() {
		return c.refuse(licenceUsedUp)
	}
	session, err := c.server.system.Connect(ctx, request.Namespace, request.User)
	if err != nil {
		c.server.giveLicence()
		return c.refuse(noNamespace(request.Namespace))
	}
	c.session = session
	c.setAutocommit(request.Autocommit != wire.AutocommitOff)
	if request.Isolation == wire.ReadCommitted {
		c.isolation = wire.ReadCommitted
	}
	c.granted = request.Features & int(*c.options.Features)
	out, err := wire.ConnectReply{Version: c.server.version(), Directory: directory, DelimitedIdentifiers: true,
		Isolation: c.isolation, Job: strconv.Itoa(jobNumber(c.moment.Conn)), Features: c.granted}.Append(nil, c.charset)
	if err != nil {
		return err
	}
	return c.reply(wire.StatusOK, out)
}

// refuse answers a login with a text in the reply itself, and ends the conversation.
func (c *conversation) refuse(r *refusal) error {
	if err := c.replyText(r.status, r.text); err != nil {
		return err
	}
	return errEnd
}

// version is what the server says it is.
func (s *Server) version() string {
	if v := s.options.Engine.Version; v != "" {
		return v
	}
	return "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2025.1 (Build 223U) Tue Mar 11 2025 18:23:31 EDT"
}

// directory is where a container has IRIS.
const directory = "/usr/irissys/"
