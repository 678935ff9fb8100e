#pragma once
// A Kafka cluster for a test: librdkafka's own mock, which speaks the protocol on loopback, and a producer.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace matou::support {

class MockKafka {
public:
    explicit MockKafka(int brokers = 1) {
        char reason[256] = "";
        rd_kafka_conf_t* host = rd_kafka_conf_new();
        rd_kafka_conf_set_log_cb(host, quiet);
        _host = rd_kafka_new(RD_KAFKA_PRODUCER, host, reason, sizeof reason);
        EXPECT_TRUE(_host) << reason;
        _cluster = rd_kafka_mock_cluster_new(_host, brokers);
        EXPECT_TRUE(_cluster);
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        rd_kafka_conf_set_log_cb(conf, quiet);
        rd_kafka_conf_set(conf, "bootstrap.servers", this->brokers().c_str(), reason, sizeof reason);
        rd_kafka_conf_set(conf, "linger.ms", "2", reason, sizeof reason);
        rd_kafka_conf_set(conf, "message.max.bytes", "4000000", reason, sizeof reason);
        _producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
        EXPECT_TRUE(_producer) << reason;
    }
    ~MockKafka() {
        rd_kafka_purge(_producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(_producer);
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_host);
    }
    MockKafka(const MockKafka&) = delete;
    MockKafka& operator=(const MockKafka&) = delete;

    std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(_cluster); }
    void topic(const std::string& name, int partitions) { EXPECT_EQ(rd_kafka_mock_topic_create(_cluster, name.c_str(), partitions, 1), RD_KAFKA_RESP_ERR_NO_ERROR); }
    /// `ageSeconds`: how long ago its stamp says that it was made.
    void produce(const std::string& topic, const std::string& key, const std::string& value, int ageSeconds = 0) {
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        const auto failed = rd_kafka_producev(_producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(key.data(), key.size()),
                                              RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                              RD_KAFKA_V_TIMESTAMP(now - 1000L * ageSeconds), RD_KAFKA_V_END);
        EXPECT_EQ(failed, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(failed);
    }
    void flush() { EXPECT_EQ(rd_kafka_flush(_producer, 10000), RD_KAFKA_RESP_ERR_NO_ERROR); }
    void down() { rd_kafka_mock_broker_set_down(_cluster, 1); }
    void up() { rd_kafka_mock_broker_set_up(_cluster, 1); }

private:
    static void quiet(const rd_kafka_t*, int, const char*, const char*) {}
    rd_kafka_t* _host = nullptr;
    rd_kafka_mock_cluster_t* _cluster = nullptr;
    rd_kafka_t* _producer = nullptr;
};

} // namespace matou::support
