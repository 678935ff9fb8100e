// SIP itself: messages, digest, transactions.

#include <gtest/gtest.h>

#include "live/sip_digest.h"
#include "live/sip_transactions.h"

using namespace matou;
using namespace matou::live;

namespace {

const std::string kHead = "Via: SIP/2.0/UDP 192.0.2.7:5061;rport;branch=z9hG4bK1\r\nFrom: <sip:34020000001320000001@3402000000>;tag=1\r\nTo: <sip:34020000002000000001@3402000000>\r\n"
                          "Call-ID: a@b\r\nCSeq: 7 MESSAGE\r\n";
const std::string kStart = "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\r\n";

std::string codeOf(const std::string& bytes) {
    const auto parsed = sip::parse(bytes, "P");
    return parsed ? "" : parsed.error().code + " " + parsed.error().arguments[0] + " " + parsed.error().where;
}

} // namespace

TEST(SipMessage, readsLongAndCompactFormsAndFoldedLines) {
    const auto message = sip::parse("MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.7:5061;rport;branch=z9hG4bK1\r\nf: \"Kamera, \\\"1\\\"\" <sip:34020000001320000001@3402000000>;tag=1\r\n"
                                    "t: sip:34020000002000000001@3402000000\r\ni: a@b\r\nCSeq: 7\r\n MESSAGE\r\nc: Application/MANSCDP+xml\r\nl: 2\r\n\r\nhixx", "P");
    ASSERT_TRUE(message) << message.error().where << " " << message.error().arguments[0];
    EXPECT_EQ(message->body, "hi");
    EXPECT_EQ(message->headerOr("content-type"), "Application/MANSCDP+xml");
    EXPECT_EQ(sip::parseAddress(message->headerOr("from"))->user, "34020000001320000001");
    EXPECT_EQ(*sip::parseAddress(message->headerOr("from"))->parameters.find("tag"), "1");
    EXPECT_EQ(sip::parseAddress(message->headerOr("to"))->host, "3402000000");
    EXPECT_EQ(sip::parseVia(message->headerOr("via"))->port, 5061);
    EXPECT_EQ(sip::parseCSeq(message->headerOr("cseq"))->number, 7u);
}

TEST(SipMessage, saysWhatIsWrongAndWhere) {
    EXPECT_EQ(codeOf("\r\n"), "E_SIP_SYNTAX request line P:byte 0");
    EXPECT_EQ(codeOf("MESSAGE  sip:a@b SIP/2.0\r\n" + kHead + "\r\n"), "E_SIP_SYNTAX URI with its scheme P:byte 0");
    EXPECT_EQ(codeOf(kStart + "no colon\r\n" + kHead + "\r\n"), "E_SIP_SYNTAX header's name P:byte 53");
    EXPECT_NE(codeOf(kStart + kHead).find("empty line"), std::string::npos);
    EXPECT_NE(codeOf(kStart + kHead + "Content-Length: 5\r\n\r\nabc").find("body of 5 bytes"), std::string::npos);
    EXPECT_NE(codeOf(kStart + kHead + kHead + "\r\n").find("once"), std::string::npos);
    EXPECT_NE(codeOf(kStart + kHead + "X: " + std::string(9000, 'x') + "\r\n\r\n").find("E_SIP_LIMIT line"), std::string::npos);
    EXPECT_NE(codeOf(kStart + std::string(70000, 'x')).find("E_SIP_LIMIT message"), std::string::npos);
}

TEST(SipMessage, aStreamIsCutByContentLength) {
    const std::string one = kStart + kHead + "Content-Length: 3\r\n\r\nabc";
    EXPECT_EQ(*sip::wholeMessage(one + one, "P"), one.size());
    EXPECT_EQ(*sip::wholeMessage("\r\n\r\n" + one, "P"), one.size() + 4);
    for (std::size_t cut = 0; cut < one.size(); ++cut) EXPECT_EQ(*sip::wholeMessage(one.substr(0, cut), "P"), 0u) << cut;
    EXPECT_FALSE(sip::wholeMessage(kStart + kHead + "\r\n", "P")); // no length: nobody knows where the next begins
    EXPECT_FALSE(sip::wholeMessage(kStart + kHead + "Content-Length: 900000\r\n\r\n", "P"));
    EXPECT_FALSE(sip::wholeMessage(std::string(70000, 'x'), "P"));
}

TEST(SipMessage, anAnswerGoesBackTheWayItCame) {
    const auto request = sip::parse(kStart + kHead + "\r\n", "P");
    ASSERT_TRUE(request);
    const auto answer = sip::parse(sip::write(sip::answer(*request, 200, "OK", "tag1", "198.51.100.9", 40000)), "P");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headerOr("via"), "SIP/2.0/UDP 192.0.2.7:5061;received=198.51.100.9;rport=40000;branch=z9hG4bK1");
    EXPECT_EQ(answer->headerOr("to"), "<sip:34020000002000000001@3402000000>;tag=tag1");
    EXPECT_EQ(answer->headerOr("cseq"), "7 MESSAGE");
}

TEST(SipDigest, agreesWithTheStandardsOwnExamples) {
    // RFC 2617 3.5 and RFC 7616 3.9.1.
    auto md5 = sip::parseAuthorization("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
                                       "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
    ASSERT_TRUE(md5);
    EXPECT_TRUE(sip::digestHolds(*md5, "GET", "Circle Of Life"));
    EXPECT_FALSE(sip::digestHolds(*md5, "GET", "Circle of Life"));
    EXPECT_FALSE(sip::digestHolds(*md5, "PUT", "Circle Of Life"));
    auto sha = sip::parseAuthorization("Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
                                       "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
    ASSERT_TRUE(sha);
    EXPECT_TRUE(sip::digestHolds(*sha, "GET", "Circle of Life"));
    for (const char* bad : {"Basic abc", "Digest", "Digest username=\"a", "Digest username=a, username=b", "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", algorithm=MD4",
                            "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\""})
        EXPECT_FALSE(sip::parseAuthorization(bad)) << bad;
}

TEST(SipDigest, aNonceProvesItsOwnAge) {
    const sip::Challenger challenger, other;
    const core::Duration then(5000000);
    const std::string text = challenger.challenge("r", sip::DigestHash::md5, then, false);
    const std::string nonce = text.substr(text.find("nonce=\"") + 7, sip::Challenger::kSize);
    EXPECT_EQ(challenger.check(nonce, then + core::Duration(1000)), sip::Challenger::Nonce::good);
    EXPECT_EQ(challenger.check(nonce, then + sip::Challenger::kLife + core::Duration(1)), sip::Challenger::Nonce::stale);
    EXPECT_EQ(other.check(nonce, then), sip::Challenger::Nonce::foreign);
    EXPECT_EQ(challenger.challenge("r", sip::DigestHash::md5, then, false).find(nonce), std::string::npos); // no two are alike
    EXPECT_EQ(challenger.check("", then), sip::Challenger::Nonce::foreign);
}

TEST(SipTransactions, whatIsAskedIsAskedUntilItIsAnswered) {
    sip::ClientTransactions client;
    std::vector<std::uint64_t> lost;
    client.begin("b", {{"h", 1, 0}, "bytes"}, 7, core::Duration(0));
    int sent = 0;
    for (int at = 0; at <= 31900; at += 100) sent += static_cast<int>(client.due(core::Duration(at), lost).size());
    EXPECT_EQ(sent, 10); // 0.5, 1.5, 3.5, 7.5 and then every 4 s
    EXPECT_TRUE(lost.empty());
    EXPECT_TRUE(client.due(core::Duration(32000), lost).empty());
    EXPECT_EQ(lost, std::vector<std::uint64_t>{7});
    client.begin("c", {{"h", 1, 0}, "bytes"}, 8, core::Duration(0));
    EXPECT_EQ(client.answered("c", 100, core::Duration(10)), std::nullopt);
    EXPECT_EQ(client.answered("c", 200, core::Duration(20)), 8u);
    EXPECT_EQ(client.answered("c", 200, core::Duration(30)), std::nullopt);
}
