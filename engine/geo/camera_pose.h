#pragma once
// A camera's place and view, as camera files have it, and the matrices made of it.

#include <glm/glm.hpp>

#include "geo/frames.h"

namespace matou::geo {

/// Heading clockwise from north, pitch negative looking down, roll clockwise: degrees. Height: ellipsoidal metres.
struct CameraPose {
    Geodetic position;
    double headingDegrees = 0;
    double pitchDegrees = 0;
    double rollDegrees = 0;
};

/// Right, up and backward (the eye looks along -z) of the eye in ECEF, and where it stands.
struct EyeFrame {
    Ecef eye;
    glm::dmat3 axes{1.0}; // columns: right, up, back
};

EyeFrame eyeFrameFromPose(const CameraPose& pose);
CameraPose poseFromEyeFrame(const EyeFrame& frame);
/// Looks from eye to target with the given up hint (ECEF).
EyeFrame eyeFrameLookingAt(const Ecef& eye, const Ecef& target, const glm::dvec3& up);
/// Position linear in ECEF (height eased with it), angles along the shorter arc. t in 0..1.
CameraPose interpolate(const CameraPose& a, const CameraPose& b, double t);

} // namespace matou::geo
