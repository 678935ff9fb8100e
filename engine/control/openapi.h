#pragma once
// GET /api/v1/openapi.json: the API described (OpenAPI 3.0).

#include <string>

namespace matou::control {

std::string openapiJson();

} // namespace matou::control
